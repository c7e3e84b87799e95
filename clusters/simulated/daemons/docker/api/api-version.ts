import { EngineRefusal } from '../refusal.ts';
import { DOCKER_API, MIN_DOCKER_API } from '../versions.ts';

/** A request's path without the version of the API that it names. Throws `EngineRefusal` for one that the engine does not speak (moby api/server/middleware/version.go). */
export function withoutVersion(path: string): string {
  const [, version, rest] = /^\/v(\d+(?:\.\d+)*)(\/.*)$/.exec(path) ?? [];
  if (version === undefined || rest === undefined) return path;
  if (isBefore(version, MIN_DOCKER_API))
    throw new EngineRefusal(
      400,
      `client version ${version} is too old. Minimum supported API version is ${MIN_DOCKER_API}, please upgrade your client to a newer version`,
    );
  if (isBefore(DOCKER_API, version))
    throw new EngineRefusal(
      400,
      `client version ${version} is too new. Maximum supported API version is ${DOCKER_API}`,
    );
  return rest;
}

/** Versions are compared number by number. */
function isBefore(one: string, other: string): boolean {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return (a[i] ?? 0) < (b[i] ?? 0);
  return false;
}
