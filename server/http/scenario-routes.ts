import { Router } from 'express';
import { z } from 'zod';
import type { BackendName } from '../../protocol/scenario.ts';
import { detailOf, type ScenarioShelf, summaryOf } from '../labs/playable-scenario.ts';
import { parseInput } from './problems.ts';

const Path = z.object({ scenario: z.string() });

/** `backend`: the one whose support of each check is told, for nothing runs yet. */
export function scenarioRoutes(shelf: ScenarioShelf, backend: BackendName): Router {
  const router = Router();
  router.get('/scenarios', async (_request, response) => {
    response.json((await shelf.list()).map(summaryOf));
  });
  router.get('/scenarios/:scenario', async (request, response) => {
    const { scenario } = parseInput(Path, request.params, 'path');
    response.json(detailOf(await shelf.load(scenario), backend));
  });
  return router;
}
