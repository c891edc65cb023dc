import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import { ApiError } from '../errors/errors.ts';
import { newRequestId } from './request-log.ts';

/**
 * Answers, in the envelope, what is not even a request.
 *
 * @param answering another answer of the connection has begun
 */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket, answering: boolean): void {
  // Written into the middle of another answer, this one would be taken for a part of it.
  if (error.code === 'ECONNRESET' || !socket.writable || answering) {
    socket.destroy();
    return;
  }
  const { status, body } = apiErrorOf(error);
  const json = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `x-request-id: ${newRequestId()}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(json)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${json}`);
}

function apiErrorOf({ code }: NodeJS.ErrnoException): ApiError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new ApiError('request_timeout');
  if (code === 'HPE_HEADER_OVERFLOW') return new ApiError('headers_too_large');
  return new ApiError('invalid_value', { message: 'The request is not valid HTTP.' });
}
