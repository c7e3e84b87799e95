import type { Image } from '../../images/image.ts';
import type { Container } from '../model/generated/objects.ts';

/** What the lab's registries are taken to give; bytes a second. */
const RATE = 50_000_000;
/** Asking a registry whether an image is the same still; milliseconds. */
const ASKED_MS = 400;

/** The events of a pull that went well, which takes no time here and is told with the time that it might have taken (image_manager.go). */
export function pulled({ image: reference }: Container, { bytes }: Image): readonly (readonly [string, string])[] {
  const milliseconds = ASKED_MS + Math.round((bytes / RATE) * 1000);
  const took = milliseconds < 1000 ? `${milliseconds}ms` : `${milliseconds / 1000}s`;
  return [
    ['Pulling', `Pulling image "${reference}"`],
    [
      'Pulled',
      `Successfully pulled image "${reference}" in ${took} (${took} including waiting). Image size: ${bytes} bytes.`,
    ],
  ];
}
