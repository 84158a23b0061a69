import type { Migration } from 'kysely/migration'
import * as accounts from './0001-accounts.ts'
import * as sessions from './0002-sessions.ts'
import * as cameraAccess from './0003-camera-access.ts'
import * as audit from './0004-audit.ts'
import * as loginFailures from './0005-login-failures.ts'
import * as playerTokens from './0006-player-tokens.ts'
import * as memoryHours from './0007-memory-hours.ts'
import * as pathHandles from './0008-path-handles.ts'
import * as hlsPositions from './0009-hls-positions.ts'
import * as handleEnds from './0010-handle-ends.ts'
import * as knownNetworks from './0011-known-networks.ts'

/** In order; what has left the house is never changed, only followed by a new number. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-accounts': accounts,
  '0002-sessions': sessions,
  '0003-camera-access': cameraAccess,
  '0004-audit': audit,
  '0005-login-failures': loginFailures,
  '0006-player-tokens': playerTokens,
  '0007-memory-hours': memoryHours,
  '0008-path-handles': pathHandles,
  '0009-hls-positions': hlsPositions,
  '0010-handle-ends': handleEnds,
  '0011-known-networks': knownNetworks,
}
