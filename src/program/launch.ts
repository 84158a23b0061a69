import { Program } from './program.ts'

/** What `dist/server.js` is. */
new Program(import.meta.dirname).run()
