import { compiledFanOut } from '../../support/addon.ts'
import { serveBy } from '../../support/app.ts'

/** What the sources do by themselves, once more with the addon that a build has. */
serveBy(compiledFanOut())
await import('./websocket.test.ts')
await import('./plain-video.test.ts')
await import('./shutdown.test.ts')
