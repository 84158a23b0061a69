/** Something that viewers can be sent to: camgate, or what one would use instead. */
export interface Front {
  readonly name: string
  /** The process whose CPU and memory count. */
  readonly pid: number
  /** The addresses of a camera. */
  readonly mp4: (camera: string) => string
  readonly websocket?: (camera: string) => string
  stop(): Promise<void>
}

/** go2rtc's own paths, as those have them who only pass on. */
export const go2rtcPaths = (origin: string, prefix = '') => ({
  mp4: (camera: string) => `${origin}${prefix}/api/stream.mp4?src=${camera}`,
  websocket: (camera: string) => `${origin.replace('http', 'ws')}${prefix}/api/ws?src=${camera}`,
})
