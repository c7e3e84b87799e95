/** One request to the lab's API server as its administrator; an error status is an answer. */
export type Api = (request: {
  method: 'GET' | 'POST';
  path: string;
  body?: object;
}) => Promise<{ status: number; body: unknown }>;
