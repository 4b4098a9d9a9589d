using Aether.Operator;

await OperatorApplication.Build(args).RunAsync();
