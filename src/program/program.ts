import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'

/** What the bundle of `build/options.ts` is: what its modules ask for, and where it lies. */
type Main = (require: NodeJS.Require, filename: string, dirname: string) => void

/** Of the bundle and of what V8 compiled of it, in the folder that `npm run build` makes. */
export const BUNDLE = 'program.cjs'
export const CODE_CACHE = 'program.cache'

/** What the code is of stands before it: V8 itself looks at no more of the bundle than its length. */
const DIGEST = 'sha256'
const DIGEST_BYTES = 32

/**
 * The bundled server, with the code that V8 compiled for its first answer when it was built (`vm.Script`, `cachedData`): what a start needs
 * is not parsed again. Node's own compile cache keeps what V8 compiles before anything has run, which is a third of that.
 */
export class Program {
  readonly #path: string
  readonly #folder: string
  readonly #digest: Buffer
  readonly #script: Script

  constructor(folder: string) {
    this.#folder = folder
    this.#path = join(folder, BUNDLE)
    const bundle = readFileSync(this.#path)
    this.#digest = hash(DIGEST, bundle, 'buffer')
    const cachedData = codeOf(this.#digest, folder)
    // It is plain ASCII: as Latin-1, V8 takes the bytes as they are.
    const source = bundle.toString('latin1')
    this.#script = new Script(source, { filename: this.#path, ...(cachedData ? { cachedData } : {}) })
  }

  /** False where V8 compiles as it goes: there is no code, or it is another bundle's, another V8's, or one with other flags. */
  get isCompiled(): boolean {
    return this.#script.cachedDataRejected === false
  }

  run(): void {
    const main = this.#script.runInThisContext() as Main
    main(createRequire(this.#path), this.#path, this.#folder)
  }

  /** What has been compiled up to now, for `CODE_CACHE`. */
  compiled(): Buffer {
    return Buffer.concat([this.#digest, this.#script.createCachedData()])
  }
}

function codeOf(digest: Buffer, folder: string): Buffer | undefined {
  try {
    const code = readFileSync(join(folder, CODE_CACHE))
    return code.subarray(0, DIGEST_BYTES).equals(digest) ? code.subarray(DIGEST_BYTES) : undefined
  } catch {
    return undefined
  }
}
