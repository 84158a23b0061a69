import AjvCompiler from '@fastify/ajv-compiler'
import SerializerSelector from '@fastify/fast-json-stringify-compiler'
import type { FastifyServerOptions } from 'fastify'

type Compiled = ((data: unknown) => unknown) & { errors?: unknown }
type Factory = (schemas: unknown, options: unknown) => (route: unknown) => Compiled
type Factories = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>

/** A factory whose compilers wait until what they make is called for the first time. */
function putOff(factory: Factory): Factory {
  return (schemas, options) => {
    const compile = factory(schemas, options)
    return route => {
      let compiled: Compiled | undefined
      const late: Compiled = data => {
        compiled ??= compile(route)
        const result = compiled(data)
        late.errors = compiled.errors
        return result
      }
      return late
    }
  }
}

/**
 * Fastify's own compilers of schemas, put off: most routes of a running server are asked for never or rarely, and what
 * is compiled for each stays resident.
 */
export const lazyCompilers = {
  buildValidator: putOff(AjvCompiler() as unknown as Factory),
  buildSerializer: putOff(SerializerSelector() as unknown as Factory),
} as unknown as Factories
