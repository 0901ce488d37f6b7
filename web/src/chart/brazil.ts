// The states of Brazil as equal squares about where they lie: a small state is as easy to see and to hit as a large one.
export interface Place {
  name: string;
  column: number;
  row: number;
}

export const kStates: Record<string, Place> = {
  RR: { name: "Roraima", column: 1, row: 0 },
  AP: { name: "Amapá", column: 3, row: 0 },
  AM: { name: "Amazonas", column: 1, row: 1 },
  PA: { name: "Pará", column: 2, row: 1 },
  MA: { name: "Maranhão", column: 3, row: 1 },
  CE: { name: "Ceará", column: 4, row: 1 },
  RN: { name: "Rio Grande do Norte", column: 5, row: 1 },
  AC: { name: "Acre", column: 0, row: 2 },
  RO: { name: "Rondônia", column: 1, row: 2 },
  TO: { name: "Tocantins", column: 2, row: 2 },
  PI: { name: "Piauí", column: 3, row: 2 },
  PE: { name: "Pernambuco", column: 4, row: 2 },
  PB: { name: "Paraíba", column: 5, row: 2 },
  MT: { name: "Mato Grosso", column: 1, row: 3 },
  GO: { name: "Goiás", column: 2, row: 3 },
  BA: { name: "Bahia", column: 3, row: 3 },
  SE: { name: "Sergipe", column: 4, row: 3 },
  AL: { name: "Alagoas", column: 5, row: 3 },
  MS: { name: "Mato Grosso do Sul", column: 1, row: 4 },
  DF: { name: "Distrito Federal", column: 2, row: 4 },
  MG: { name: "Minas Gerais", column: 3, row: 4 },
  ES: { name: "Espírito Santo", column: 4, row: 4 },
  PR: { name: "Paraná", column: 1, row: 5 },
  SP: { name: "São Paulo", column: 2, row: 5 },
  RJ: { name: "Rio de Janeiro", column: 3, row: 5 },
  SC: { name: "Santa Catarina", column: 1, row: 6 },
  RS: { name: "Rio Grande do Sul", column: 0, row: 7 },
};

export const kColumns = 6;
export const kRows = 8;
