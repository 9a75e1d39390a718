// What enriching one event costs, part by part and together: see README.md.
Measurement.run(database: CommandLine.arguments.dropFirst().first)
