import { writeFile } from 'node:fs/promises'
import { collectRoutes } from './collect.ts'
import { describe } from './document.ts'

/** `npm run openapi`: writes openapi.json anew from the schemas that the routes carry. */
const document = describe(await collectRoutes())
const file = new URL('../openapi.json', import.meta.url)
await writeFile(file, `${JSON.stringify(document, null, 2)}\n`)
