using Aether.Operator.Hosting;

await OperatorApplication.Build(args).RunAsync();
