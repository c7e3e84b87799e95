import express, { type Express } from 'express';
import type { BackendName } from '../../protocol/scenario.ts';
import type { LabRegistry } from '../labs/lab-registry.ts';
import type { ScenarioShelf } from '../labs/playable-scenario.ts';
import type { Log } from '../log.ts';
import type { AccessRules } from './access.ts';
import { labRoutes } from './lab-routes.ts';
import { pageRoutes } from './page.ts';
import { answerProblems, noSuchPath } from './problems.ts';
import { scenarioRoutes } from './scenario-routes.ts';
import { securityHeaders } from './security-headers.ts';
import { ownOriginOnly, signedInOnly, tokenToCookie } from './sign-in.ts';

export interface AppParts {
  readonly access: AccessRules;
  readonly labs: LabRegistry;
  readonly shelf: ScenarioShelf;
  readonly defaultBackend: BackendName;
  /** The built page. */
  readonly webDirectory: string;
  readonly log: Log;
}

/** The HTTP side of the server. The page's files hold no secret and are open; everything under /api wants the token. */
export function makeApp({ access, labs, shelf, defaultBackend, webDirectory, log }: AppParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(securityHeaders);
  app.get('/healthz', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.use(ownOriginOnly(access));
  app.use(tokenToCookie(access));
  app.use('/api', signedInOnly(access), (_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.use('/api', scenarioRoutes(shelf, defaultBackend), labRoutes(labs, log));
  app.use('/api', noSuchPath);
  app.use(pageRoutes(webDirectory));
  app.use(noSuchPath);
  app.use(answerProblems(log));
  return app;
}
