/** Asks the server for a page, and gives its text. `PAGES_URL` says where the server is. */
export async function page(id: number): Promise<string> {
  const response = await fetch(`${process.env["PAGES_URL"]}/${id}`);
  return response.text();
}
