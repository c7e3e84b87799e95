/** What the API tells of a running container: whether its start is behind it, and whether Services may lead to it. */
export interface Health {
  readonly started: boolean;
  readonly ready: boolean;
}
