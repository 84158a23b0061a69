import { MAX_PASSWORD_BYTES } from '../passwords/passwords.ts'
import { BadUsername, MixedScripts, PasswordTooLong, WeakPassword } from './errors.ts'

/** Scripts with letters that look like those of the others: a name has letters of one of them (UTS 39, 5.2). */
const LOOK_ALIKE = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Coptic', 'Lisu'].map(
  script => new RegExp(`\\p{Script=${script}}`, 'u'),
)

/** A name that a new account, or an account anew, may have; in Unicode's composed form. */
export function newUsername(name: string): string {
  const composed = name.normalize('NFC')
  if (!/^[\p{L}\p{N}_-]{3,32}$/u.test(composed)) throw new BadUsername()
  if (/\p{Default_Ignorable_Code_Point}/u.test(composed)) throw new BadUsername()
  if (LOOK_ALIKE.filter(script => script.test(composed)).length > 1) throw new MixedScripts()
  return composed
}

/** The same for names that would be taken for one another: whatever their case, width or ligatures. */
export function likenessOf(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}

/** Throws unless `password` may be set anew; passwords that exist already are taken as they are. */
export function checkNewPassword(password: string): void {
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES) throw new PasswordTooLong()
  const kinds = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{L}\p{N}\s]/u]
  const strong = [...password].length >= 8 && kinds.every(kind => kind.test(password))
  if (!strong || password.includes('\0')) throw new WeakPassword()
}
