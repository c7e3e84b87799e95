/** Reads a file of the controlplane host; undefined when there is none. */
export type ReadFile = (path: string) => Promise<Buffer | undefined>;
