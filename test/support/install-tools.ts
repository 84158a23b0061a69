import { ensureTools, TOOLS, type ToolName } from './tools.ts'

/** Runs before the tests, so that no two of them wait for apt. */
try {
  ensureTools(Object.keys(TOOLS) as ToolName[])
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
