import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Script } from 'node:vm'

/** What the bundle of `build/options.ts` is: what its modules ask for, and where it lies. */
type Main = (require: NodeJS.Require, filename: string, dirname: string) => void

/** Of the bundle and of what V8 compiled of it, in the folder that `npm run build` makes. */
export const BUNDLE = 'program.cjs'
export const CODE_CACHE = 'program.cache'

/**
 * The bundled server, with the code that V8 compiled for its first answer when it was built (`vm.Script`, `cachedData`): what a start needs
 * is not parsed again. Node's own compile cache keeps what V8 compiles before anything has run, which is a third of that.
 */
export class Program {
  readonly #path: string
  readonly #folder: string
  readonly #script: Script

  constructor(folder: string) {
    this.#folder = folder
    this.#path = join(folder, BUNDLE)
    const cachedData = codeCache(folder)
    // It is plain ASCII: read as Latin-1, V8 takes the bytes as they are.
    const source = readFileSync(this.#path, 'latin1')
    this.#script = new Script(source, { filename: this.#path, ...(cachedData ? { cachedData } : {}) })
  }

  /** False where V8 compiles as it goes: there is no code, or it is another V8's, or one with other flags. */
  get isCompiled(): boolean {
    return this.#script.cachedDataRejected === false
  }

  run(): void {
    const main = this.#script.runInThisContext() as Main
    main(createRequire(this.#path), this.#path, this.#folder)
  }

  /** What has been compiled up to now. */
  compiled(): Buffer {
    return this.#script.createCachedData()
  }
}

function codeCache(folder: string): Buffer | undefined {
  try {
    return readFileSync(join(folder, CODE_CACHE))
  } catch {
    return undefined
  }
}
