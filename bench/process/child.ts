import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A process of its own, started in the project's folder. */
export class Child {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #exit: Promise<unknown>

  /** The environment is this one's without NODE_OPTIONS, which would be measured too. */
  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const { NODE_OPTIONS: _, ...inherited } = process.env
    const PATH = `${dirname(process.execPath)}:${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`
    this.#process = spawn(command, args, {
      cwd: ROOT,
      env: { ...inherited, PATH, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#exit = once(this.#process, 'exit')
    this.#lines = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]()
  }

  get pid(): number {
    return this.#process.pid!
  }

  /** The next line of its output that matches; throws when it ends without one. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const { value, done } = await this.#lines.next()
      if (done) throw new Error(`${this.#process.spawnargs.join(' ')} ended without ${pattern}`)
      const match = pattern.exec(value)
      if (match) return match
    }
  }

  /** Lets it end in order. */
  async stop(): Promise<void> {
    this.#process.kill('SIGTERM')
    await this.#exit
  }
}
