/** What Debian's and Docker's own packages ship these days; the API version goes with it. */
export const DOCKER_VERSION = '26.1.5';
export const DOCKER_API = '1.45';
/** The oldest that it still speaks. */
export const MIN_DOCKER_API = '1.24';
