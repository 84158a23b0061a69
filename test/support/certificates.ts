import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Identity } from '../../demo/loopback-server.ts'
import { openssl } from './tools.ts'

export interface Certificate extends Identity {
  /** Of the certificate. */
  readonly path: string
}

/** Certificates as openssl makes them, in `folder`. */
export class Certificates {
  readonly #folder: string
  #made = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  /** One that has signed itself: an authority, or what Frigate makes for itself. */
  ofItself(subject: string): Certificate {
    return this.#make(['-x509', '-subj', subject])
  }

  /** For a server at `names` (`IP:127.0.0.1`). */
  signedBy({ path }: Certificate, names: string): Certificate {
    const key = path.replace('.pem', '.key')
    const by = ['-x509', '-CA', path, '-CAkey', key, '-addext', `subjectAltName=${names}`]
    return this.#make(['-subj', '/CN=frigate', ...by, '-addext', 'basicConstraints=critical,CA:FALSE'])
  }

  #make(options: readonly string[]): Certificate {
    const file = join(this.#folder, String(this.#made++))
    const [key, path] = [`${file}.key`, `${file}.pem`]
    const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
    execFileSync(openssl(), ['req', ...fresh, '-keyout', key, '-out', path, ...options], { stdio: 'pipe' })
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(path, 'utf8'), path }
  }
}
