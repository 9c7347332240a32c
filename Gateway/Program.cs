using Gateway;
using Gateway.Listening;

SocketThreads.Choose();
return await GatewayCommand.InvokeAsync(args, Console.Error);
