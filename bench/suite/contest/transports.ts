/** Of a camera, in bits a second. */
export const BITRATE = 4_000_000
export const TRANSPORTS = ['websocket', 'mp4'] as const
export type Transport = (typeof TRANSPORTS)[number]
export const TRANSPORT_NAMES = { websocket: 'WebSocket', mp4: 'MP4' }
