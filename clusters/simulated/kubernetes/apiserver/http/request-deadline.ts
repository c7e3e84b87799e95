import { parseDuration } from '../../flags/duration.ts';
import { badRequest } from '../../status.ts';

/**
 * How long a request may take, in milliseconds: what its URL's `timeout` says, at most `--request-timeout` (in seconds); none and less
 * than none mean the latter. Throws the 400 of one that is no duration (apiserver/pkg/endpoints/filters/request_deadline.go).
 */
export function timeAllotted(query: URLSearchParams, requestTimeout: number): number {
  const asked = query.size === 0 ? null : query.get('timeout');
  if (asked === null || asked === '') return requestTimeout * 1000;
  const parsed = parseDuration(asked);
  if ('failed' in parsed) throw badRequest(`invalid timeout specified in the request URL - ${parsed.failed}`);
  return (parsed.seconds > 0 ? Math.min(parsed.seconds, requestTimeout) : requestTimeout) * 1000;
}
