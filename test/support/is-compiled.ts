import { resolve } from 'node:path'
import { Program } from '../../src/program/program.ts'

/** Says whether V8, with the flags of this process, takes the code that is beside the program of a folder. */
console.log(new Program(resolve(process.argv[2]!)).isCompiled)
