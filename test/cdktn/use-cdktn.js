/** For `node --require`: every `cdktf`, the prebuilt providers' too, is cdktn, as npm's override makes it. */
const Module = require("node:module");

const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  return resolveFilename.call(this, request.replace(/^cdktf(?=$|\/)/, "cdktn"), ...rest);
};
