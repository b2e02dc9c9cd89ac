/** One member of a zip file (a Python wheel is one) passes through here onto the disk; stored or deflated, no zip64. */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { Failure } from './failure.mjs';

// Layout: PKWARE APPNOTE 6.3, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end record).
const endRecordBytes = 22;
const longestComment = 0xffff;
const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const localHeaderBytes = 30;

/**
 * @typedef {object} ZipMember
 * @property {string} name
 * @property {0 | 8} method stored or deflated
 * @property {number} packedBytes
 * @property {number} bytes
 * @property {number} headerOffset of the local header
 */

/**
 * The members of a zip file, from its central directory.
 * @param {string} zipPath
 * @returns {Promise<ZipMember[]>}
 * @throws {Failure} when the file is not a whole zip file
 */
export async function listZip(zipPath) {
  const file = await open(zipPath, 'r');
  try {
    const { size } = await file.stat();
    const tailBytes = Math.min(size, endRecordBytes + longestComment);
    const tail = await readExactly(file, size - tailBytes, tailBytes);
    const end = findEndRecord(tail);
    if (end < 0) throw new Failure(`${zipPath} is not a whole zip file`);
    const directory = await readExactly(file, tail.readUInt32LE(end + 16), tail.readUInt32LE(end + 12));
    return [...centralEntries(directory)];
  } finally {
    await file.close();
  }
}

/**
 * Unpacks one member; `target` appears only when it is whole.
 * @param {string} zipPath
 * @param {string} memberName
 * @param {string} target
 */
export async function extractFromZip(zipPath, memberName, target) {
  const member = (await listZip(zipPath)).find((candidate) => candidate.name === memberName);
  if (!member) throw new Failure(`${zipPath} has no ${memberName}`);
  const start = await dataOffset(zipPath, member);
  const temporary = `${target}.unpacking`;
  const packed = createReadStream(zipPath, { start, end: start + member.packedBytes - 1 });
  const unpacked = createWriteStream(temporary);
  if (member.method === 0) await pipeline(packed, unpacked);
  else await pipeline(packed, createInflateRaw(), unpacked);
  if (unpacked.bytesWritten !== member.bytes) throw new Failure(`${memberName} in ${zipPath} is damaged`);
  await rename(temporary, target);
}

/** @param {Buffer} tail */
function findEndRecord(tail) {
  for (let offset = tail.length - endRecordBytes; offset >= 0; offset--) {
    if (tail.readUInt32LE(offset) === endSignature) return offset;
  }
  return -1;
}

/**
 * @param {Buffer} directory
 * @returns {Generator<ZipMember>}
 */
function* centralEntries(directory) {
  for (let offset = 0; offset + 46 <= directory.length && directory.readUInt32LE(offset) === centralSignature;) {
    const nameBytes = directory.readUInt16LE(offset + 28);
    const method = directory.readUInt16LE(offset + 10);
    if (method === 0 || method === 8) {
      yield {
        name: directory.toString('utf8', offset + 46, offset + 46 + nameBytes),
        method,
        packedBytes: directory.readUInt32LE(offset + 20),
        bytes: directory.readUInt32LE(offset + 24),
        headerOffset: directory.readUInt32LE(offset + 42),
      };
    }
    offset += 46 + nameBytes + directory.readUInt16LE(offset + 30) + directory.readUInt16LE(offset + 32);
  }
}

/**
 * The local header repeats name and extra field with lengths of its own, so the data's place is known only from there.
 * @param {string} zipPath
 * @param {ZipMember} member
 */
async function dataOffset(zipPath, member) {
  const file = await open(zipPath, 'r');
  try {
    const header = await readExactly(file, member.headerOffset, localHeaderBytes);
    return member.headerOffset + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  } finally {
    await file.close();
  }
}

/**
 * @param {import('node:fs/promises').FileHandle} file
 * @param {number} position
 * @param {number} length
 */
async function readExactly(file, position, length) {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw new Failure('the zip file ends too early');
  return buffer;
}
