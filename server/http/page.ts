import { existsSync } from 'node:fs';
import { join } from 'node:path';
import express, { Router } from 'express';
import { Refusal } from '../refusal.ts';

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

/**
 * The built page of `directory`: files under assets/ carry their hash in the name and are kept by browsers for ever,
 * everything else is asked for again; the page's own addresses all answer with index.html.
 */
export function pageRoutes(directory: string): Router {
  const router = Router();
  const index = join(directory, 'index.html');
  const assets = express.static(join(directory, 'assets'), { immutable: true, maxAge: YEAR_MS, index: false });
  router.use('/assets', assets);
  router.use(express.static(directory, { index: false, maxAge: 0 }));
  router.get(['/', '/labs/:lab'], (_request, response) => {
    if (!existsSync(index)) {
      throw new Refusal(
        'unavailable',
        'The page is not built.',
        'Build it: npx vite build --config web/vite.config.ts',
      );
    }
    // With a root, for sendFile shuns absolute paths through a folder such as ~/.local.
    response.set('Cache-Control', 'no-cache').sendFile('index.html', { root: directory });
  });
  return router;
}
