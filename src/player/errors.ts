import { defineError } from '../errors.ts'

export const AskedTooOften = defineError('ASKED_TOO_OFTEN', 'asked for too often', 429)
export const UpgradeRequired = defineError(
  'UPGRADE_REQUIRED',
  'This is a WebSocket: connect to it with ws:// or wss://',
  426,
)
