import { compiledRepeat } from '../../support/addon.ts'
import { repeatBy } from '../../support/app.ts'

/** What the sources do by themselves, once more with the addon that a build has. */
repeatBy(compiledRepeat())
await import('./bad-input.test.ts')
await import('./lifetime.test.ts')
await import('./nginx.test.ts')
await import('./playlists.test.ts')
await import('./replies.test.ts')
await import('./rights.test.ts')
await import('./segments.test.ts')
await import('./players.test.ts')
