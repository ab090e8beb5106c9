// Reads questions, one a line, and writes for each its digest, the other engine's answer, and its name.
import { createInterface } from 'node:readline'
import { runSimulation } from '@cloud-copilot/iam-simulate'

const named = (policies) => policies.map((policy, number) => ({ name: `policy-${number}`, policy }))

function simulation(question) {
  return {
    request: {
      principal: question.principal,
      action: question.action,
      resource: { resource: question.resource, accountId: question.account },
      contextVariables: question.facts,
    },
    identityPolicies: named(question.identity),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: question.keyPolicy ?? undefined,
    permissionBoundaryPolicies: question.boundary ? named([question.boundary]) : undefined,
    sessionPolicy: question.session ?? undefined,
  }
}

async function answer(question) {
  const told = await runSimulation(simulation(question), {})
  return told.resultType === 'error' ? `error: ${told.errors.message}` : told.overallResult
}

for await (const line of createInterface({ input: process.stdin })) {
  const question = JSON.parse(line)
  let told
  try {
    told = await answer(question)
  } catch (error) {
    told = `error: ${error.message}`
  }
  console.log(JSON.stringify([question.digest, told, question.name]))
}
