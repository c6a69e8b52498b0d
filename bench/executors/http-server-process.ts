/** A server that answers at once, in a process of its own. Tells its parent its port. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '11' }).end('{"ok":true}');
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
