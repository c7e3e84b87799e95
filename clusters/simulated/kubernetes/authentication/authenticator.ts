import type { UserInfo } from './user.ts';

/** What a request shows of its sender. */
export interface Credentials {
  readonly authorization: string | undefined;
  /** Bearer token offered as a WebSocket subprotocol, decoded. */
  readonly webSocketToken?: string;
  /** Subject of the peer's certificate when it chains to the client CA and is within its validity. */
  readonly certificate:
    | {
        readonly commonName: string;
        readonly organizations: readonly string[];
        /** SHA-256 of the DER certificate, lower-case hex without colons. */
        readonly fingerprint: string;
      }
    | undefined;
  /** True when a certificate was shown that did not verify. */
  readonly certificateRejected: boolean;
  readonly path: string;
}

/** `undefined` means that this request shows nothing this authenticator knows; an `ApiError` 401 that it shows something bad. */
export interface Authenticator {
  authenticate(credentials: Credentials): Promise<UserInfo | undefined> | UserInfo | undefined;
}
