// Makes the descriptors in src/generated smaller for who downloads them: without what only other languages' generators read, and
// as text in place of base64, in which nothing repeats that a compressor could find.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

const folder = "src/generated";
const embedded = /fileDesc\("([^"]*)"/;

function compact(base64) {
  const file = fromBinary(FileDescriptorProtoSchema, Buffer.from(base64, "base64"));
  file.options = undefined;
  const text = Buffer.from(toBinary(FileDescriptorProtoSchema, file)).toString("latin1");
  return `fileDesc(btoa(${JSON.stringify(text)})`;
}

for (const name of await readdir(folder, { recursive: true })) {
  if (name.endsWith("_pb.ts")) {
    const source = await readFile(`${folder}/${name}`, "utf8");
    await writeFile(`${folder}/${name}`, source.replace(embedded, (_, base64) => compact(base64)));
  }
}
