declare module 'bcrypt-pbkdf' {
  const bcrypt: {
    /** One round: 64 bytes and 64 bytes make 32, written to `out`. */
    hash(secret: Uint8Array, salt: Uint8Array, out: Uint8Array): void;
  };
  export default bcrypt;
}
