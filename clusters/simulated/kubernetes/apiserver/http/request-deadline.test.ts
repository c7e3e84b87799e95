import { describe, expect, it } from 'vitest';
import { timeAllotted } from './request-deadline.ts';

describe('timeAllotted', () => {
  it.each([
    ['', 90_000],
    ['pretty=true', 90_000],
    ['timeout=', 90_000],
    ['timeout=5s', 5000],
    ['timeout=1m20s', 80_000],
    ['timeout=1h', 90_000],
    ['timeout=0s', 90_000],
    ['timeout=-5s', 90_000],
  ])('of ?%s under --request-timeout=90s is %d ms', (query, milliseconds) => {
    expect(timeAllotted(new URLSearchParams(query), 90)).toBe(milliseconds);
  });

  it('refuses what is no duration', () => {
    expect(() => timeAllotted(new URLSearchParams('timeout=5'), 60)).toThrow(
      'invalid timeout specified in the request URL - time: missing unit in duration "5"',
    );
  });
});
