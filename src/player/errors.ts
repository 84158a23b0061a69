import { defineError } from '../errors.ts'

export const UpgradeRequired = defineError(
  'UPGRADE_REQUIRED',
  'This is a WebSocket: connect to it with ws:// or wss://',
  426,
)
