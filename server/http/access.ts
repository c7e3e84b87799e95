import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { Refusal } from '../refusal.ts';

export interface AccessRules {
  /** The server's secret, as the printed URL carries it. */
  readonly token: string;
  /** Names besides IP addresses and `localhost` under which the server may be asked, without a port. */
  readonly hostNames: readonly string[];
}

/** Browsers send the cookies of every port of a machine, so the name tells two servers apart. */
export const cookieName = (port: number): string => `breachlab-${port}`;

/** Compares in a time that does not tell how much of the secret was right. */
export function isToken(candidate: string, token: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(candidate), digest(token));
}

function cookie(headers: IncomingHttpHeaders, name: string): string | undefined {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/**
 * Refuses a request that another web site can have caused: under a foreign name (DNS rebinding) or from a foreign origin
 * (which a browser always names on a WebSocket and on every method that changes something).
 */
export function requireOwnOrigin(headers: IncomingHttpHeaders, rules: AccessRules): void {
  const host = headers.host ?? '';
  const name = URL.parse(`http://${host}`)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  if (isIP(name) === 0 && name !== 'localhost' && !rules.hostNames.includes(name)) {
    throw new Refusal('forbidden', `This server does not answer as “${host}”.`, 'Use the URL that it printed.');
  }
  const { origin } = headers;
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return;
  throw new Refusal(
    'forbidden',
    `A page of ${origin} may not use this server.`,
    'Use the URL that the server printed.',
  );
}

/** The token that a request carries, as a bearer or in the cookie of this port. */
function carried(headers: IncomingHttpHeaders, port: number): string | undefined {
  const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
  return bearer ?? cookie(headers, cookieName(port));
}

/** Whether a request carries the server's token. */
export function isSignedIn(headers: IncomingHttpHeaders, port: number, rules: AccessRules): boolean {
  const candidate = carried(headers, port);
  return candidate !== undefined && isToken(candidate, rules.token);
}

/** Refuses a request that does not carry the server's token. */
export function requireToken(headers: IncomingHttpHeaders, port: number, rules: AccessRules): void {
  if (isSignedIn(headers, port, rules)) return;
  throw new Refusal(
    'unauthenticated',
    carried(headers, port) === undefined
      ? 'The request carries no token.'
      : 'The token is not the one of this server, which may have been started again.',
    'Open the URL that the server printed when it started.',
  );
}
