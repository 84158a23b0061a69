import { Type } from 'typebox'

/** A camera in the path: any name that a camera can have; whether there is one is asked of the directory. */
export const CameraParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) })

export const CameraReply = Type.Object({
  id: Type.String(),
  name: Type.String(),
  snapshot_url: Type.String(),
  mp4_url: Type.String(),
  hls_url: Type.String(),
  adaptive_urls: Type.Object({ mp4: Type.String(), hls: Type.String() }),
})
