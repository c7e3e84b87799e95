/** Where clouds answer their machines (RFC 3927 link-local, the same with all of the big ones). */
export const METADATA_ADDRESS = '169.254.169.254';
