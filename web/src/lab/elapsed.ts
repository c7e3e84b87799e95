/**
 * The time a lab has run, against the time its scenario is meant to take.
 *
 * @param minutes what the scenario allows; 0 means that nobody counts
 */
export function elapsedText(milliseconds: number, minutes: number): string {
  const passed = Math.max(0, Math.floor(milliseconds / 60_000));
  const spoken = passed < 100 ? `${passed} min` : `${Math.floor(passed / 60)} h ${passed % 60} min`;
  if (minutes === 0) return spoken;
  return passed <= minutes ? `${passed} of ${minutes} min` : `${spoken}, ${passed - minutes} over`;
}
