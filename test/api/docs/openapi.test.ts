import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from '../../support/services/api.ts';
import { ApiDescription } from '../../support/client/api-description.ts';
import { routesOf } from '../../support/client/routes.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api?.stop());

describe('the description of the API', () => {
  const description = new ApiDescription();

  it('is served, and is what the tests hold every response to', async () => {
    const response = await fetch(`${api.url}/openapi.json`);
    expect(response.headers.get('content-type')).toMatch('application/json');
    expect(await response.json()).toEqual(description.document);
  });

  it('has every route that the server has, and no other', () => {
    const routes = routesOf(api.app);
    expect(routes.length).toBeGreaterThan(15);
    // Refused whatever the method is; described for those that clients use.
    const takesAll = (operation: string) => routes.includes(`ALL ${operation.split(' ')[1]}`);
    expect(description.operations.filter((operation) => !routes.includes(operation) && !takesAll(operation))).toEqual(
      [],
    );
    const paths = description.operations.map((operation) => operation.split(' ')[1]);
    const isDescribed = (route: string) =>
      route.startsWith('ALL ') ? paths.includes(route.slice(4)) : description.operations.includes(route);
    expect(routes.filter((route) => !isDescribed(route) && !route.startsWith('GET /docs'))).toEqual([]);
  });
});
