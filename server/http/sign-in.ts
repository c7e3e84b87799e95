import type { RequestHandler } from 'express';
import { type AccessRules, cookieName, isSignedIn, isToken, requireOwnOrigin, requireToken } from './access.ts';
import { Refusal } from '../refusal.ts';

/** Guards every path against foreign names and origins. */
export function ownOriginOnly(rules: AccessRules): RequestHandler {
  return (request, _response, next) => {
    requireOwnOrigin(request.headers, rules);
    next();
  };
}

/** Guards what only the holder of the token may see. */
export function signedInOnly(rules: AccessRules): RequestHandler {
  return (request, _response, next) => {
    requireToken(request.headers, request.socket.localPort ?? 0, rules);
    next();
  };
}

/**
 * Turns the token of the printed URL into a cookie and sends the browser on, so that the address bar does not keep it. An old URL does
 * no harm to whoever is signed in.
 */
export function tokenToCookie(rules: AccessRules): RequestHandler {
  return (request, response, next) => {
    const url = new URL(request.originalUrl, 'http://server');
    const token = url.searchParams.get('token');
    if (token === null || request.method !== 'GET') return next();
    const port = request.socket.localPort ?? 0;
    const isRight = isToken(token, rules.token);
    if (!isRight && !isSignedIn(request.headers, port, rules)) {
      throw new Refusal(
        'unauthenticated',
        'The token is not the one of this server, which may have been started again.',
        'Use the URL that it printed last.',
      );
    }
    url.searchParams.delete('token');
    if (isRight) response.cookie(cookieName(port), token, { httpOnly: true, sameSite: 'strict', path: '/' });
    // Two slashes would make the rest a host name, and the redirect an open one.
    const path = url.pathname.replace(/^\/{2,}/, '/');
    response.set('Cache-Control', 'no-store').redirect(303, `${path}${url.search}`);
  };
}
