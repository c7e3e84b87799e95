export type LogFields = Readonly<Record<string, unknown>>;

/** Where the server says what happened. An error goes in `fields.cause`; whoever writes the line decides what to show of it. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Says nothing. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
