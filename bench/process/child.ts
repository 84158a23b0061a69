import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const MOST_LINES = 1000

/** Those that run: none may be left behind. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A process of its own, started in the project's folder. Its output is read all the time, or it would block. */
export class Child {
  readonly #process: ChildProcess
  readonly #exit: Promise<unknown>
  readonly #unread: string[] = []
  #ended = false
  #wake = () => {}

  /** The environment is this one's without what would be measured too: options of Node's and certificates to load. */
  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const { NODE_OPTIONS: _, NODE_EXTRA_CA_CERTS: __, ...inherited } = process.env
    const PATH = `${dirname(process.execPath)}:${join(ROOT, 'node_modules/.bin')}:${process.env.PATH}`
    this.#process = spawn(command, args, {
      cwd: ROOT,
      env: { ...inherited, PATH, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    running.add(this.#process)
    this.#exit = once(this.#process, 'exit').finally(() => running.delete(this.#process))
    const lines = createInterface({ input: this.#process.stdout! })
    lines.on('line', line => {
      this.#unread.push(line)
      if (this.#unread.length > MOST_LINES) this.#unread.shift()
      this.#wake()
    })
    lines.on('close', () => {
      this.#ended = true
      this.#wake()
    })
  }

  get pid(): number {
    return this.#process.pid!
  }

  /** It has not ended. */
  get isRunning(): boolean {
    return running.has(this.#process)
  }

  /** The next line of its output that matches; throws when it ends without one. One caller at a time. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const line = this.#unread.shift()
      const match = line === undefined ? null : pattern.exec(line)
      if (match) return match
      if (line !== undefined) continue
      // Its arguments may hold a token.
      if (this.#ended) throw new Error(`${basename(this.#process.spawnfile)} ended without ${pattern}`)
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  /** A line of input. */
  say(line: string): void {
    this.#process.stdin!.write(`${line}\n`)
  }

  /** Lets it end in order. */
  async stop(): Promise<void> {
    this.#process.kill('SIGTERM')
    await this.#exit
  }
}
