import { UNKNOWN_TOKEN, type TokenAuthenticator } from './token-authenticator.ts';
import type { UserInfo } from './user.ts';

/** Tokens of `--token-auth-file` (apiserver/pkg/authentication/token/tokenfile). */
export const staticTokens = (tokens: ReadonlyMap<string, UserInfo>): TokenAuthenticator => ({
  authenticateToken(token) {
    const user = tokens.get(token);
    return user === undefined ? UNKNOWN_TOKEN : { outcome: 'accepted', user, audiences: undefined };
  },
});

/** Reads the CSV: token, user, uid and, quoted, groups. Throws with upstream's words. */
export function readTokenFile(path: string, content: string): Map<string, UserInfo> {
  const tokens = new Map<string, UserInfo>();
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const [token = '', username, uid, groups] = csvFields(line);
    if (username === undefined || uid === undefined) {
      const count = csvFields(line).length;
      throw new Error(`token file '${path}' must have at least 3 columns (token, user name, user uid), found ${count}`);
    }
    if (token === '')
      throw new Error(`empty token has been found in token file '${path}', record number '${index + 1}'`);
    tokens.set(token, {
      username,
      uid,
      groups: groups === undefined ? [] : groups.split(',').map((group) => group.trim()),
      extra: {},
    });
  }
  return tokens;
}

function csvFields(line: string): string[] {
  const fields: string[] = [];
  for (const match of line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g)) {
    fields.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? '').trim());
  }
  return fields;
}
