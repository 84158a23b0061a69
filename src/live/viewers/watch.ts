import type { Socket } from 'node:net'
import type { LiveStreams } from '../admission/live-streams.ts'
import type { Hub } from '../hub.ts'
import type { Framing } from '../timeline/framing.ts'
import { type EndCause, SocketSink } from './sink.ts'

export interface WatchOptions {
  readonly framing: Framing
  readonly plainVideo: boolean
  /** The hub has let go of the viewer: the connection is the caller's to end. */
  readonly onEnd: (cause: EndCause) => void
}

export interface Watching {
  /** Runs `task` when another message may be sent on the same connection. */
  betweenMessages(task: () => void): void
  /** To be called when the connection is done with. */
  close(): void
}

/** Sends a hub's stream into a socket until either side ends it. */
export function watch(streams: LiveStreams, hub: Hub, socket: Socket, options: WatchOptions): Watching {
  const sink = new SocketSink(socket, options.onEnd)
  const subscriber = streams.subscribe(hub, sink, options)
  const close = () => {
    socket.off('close', close)
    subscriber.close()
  }
  socket.on('close', close)
  return { betweenMessages: task => subscriber.betweenMessages(task), close }
}
