import type { Log } from '../server/log.ts';

/** The server's log as lines for a person; warnings and errors with their cause, news only when asked for. */
export function logOn(stream: { write(text: string): unknown }, { verbose = false } = {}): Log {
  const line =
    (level: string): Log['info'] =>
    (message, fields = {}) => {
      const { cause, ...rest } = fields;
      const more = Object.entries(rest).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
      const why = cause instanceof Error ? `: ${cause.message}` : '';
      stream.write(`breachlab: ${level}${message}${more.join('')}${why}\n`);
    };
  return { info: verbose ? line('') : () => undefined, warn: line('warning: '), error: line('error: ') };
}
