import { hkdfSync, randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'

/** The secret kept in the file at `path` (mode 0600), made there if there is none yet. */
export async function keptSecret(path: string): Promise<string> {
  const draft = `${path}.${process.pid}`
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  // Linked into place whole, so that neither a crash nor a second process leaves half a secret.
  await writeFile(draft, randomBytes(48).toString('base64url'), { mode: 0o600 })
  try {
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(draft)
  }
  return await readFile(path, 'utf8')
}

/** The HS256 key that a secret stands for: 256 bits whatever characters and length the secret has. */
export function signingKey(secret: string): string {
  return derivedKey(secret, 'camgate session tokens').toString('base64url')
}

/** A key of 256 bits for one purpose (RFC 5869); those of different purposes say nothing of each other. */
export function derivedKey(secret: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, 32))
}
