import { BadUsername, PasswordTooLong, WeakPassword } from './errors.ts'
import { MAX_PASSWORD_BYTES } from './passwords.ts'

/** A name that a new account, or an account anew, may have; in Unicode's composed form. */
export function newUsername(name: string): string {
  const composed = name.normalize('NFC')
  if (!/^[\p{L}\p{N}_-]{3,32}$/u.test(composed)) throw new BadUsername()
  return composed
}

/** Throws unless `password` may be set anew; passwords that exist already are taken as they are. */
export function checkNewPassword(password: string): void {
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) throw new PasswordTooLong()
  const kinds = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{L}\p{N}\s]/u]
  const strong = [...password].length >= 8 && kinds.every(kind => kind.test(password))
  if (!strong || password.includes('\0')) throw new WeakPassword()
}
