import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CODE_CACHE, Program } from '../src/program/program.ts'

/** Runs the program of a folder, and at SIGTERM leaves what V8 has compiled of it beside it, and ends. */
const folder = process.argv[2]!
const program = new Program(folder)
process.once('SIGTERM', () => {
  writeFileSync(join(folder, CODE_CACHE), program.compiled())
  process.exit(0)
})
program.run()
